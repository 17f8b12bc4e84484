/** What a host takes and publishes, unless said. */
export const sparkplugDefaults = {
  filters: ['spBv1.0/#'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template of ours
  topic: 'sparkplug/${group}/${node}/${device}',
  retain: false,
  rebirthSeconds: 30,
  nodesMax: 10_000,
} as const
