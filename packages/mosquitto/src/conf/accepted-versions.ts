import type { Settings } from './conf.ts'

/** The numbers of `accept_protocol_versions`, as they are written. */
export const acceptedVersions = (settings: Settings): readonly string[] | undefined =>
  settings
    .text('accept_protocol_versions')
    ?.split(/[, \t]+/)
    .filter(Boolean)
