/** Our configuration as a file that a person goes on with. */
import { HawserError } from '@hawser/std'
import { faultLine } from '../../config/fault.ts'
import type { PlannedRun } from '../run.ts'

export async function configurationText({ conf, plan, configuration }: PlannedRun): Promise<string> {
  const { stringify } = await import('yaml')
  const text = `${header(conf, plan.process)}${stringify({ ...plan.configuration, data_dir: configuration.dataDir })}`
  const { checkConfigurationText } = await import('../../config/yaml-file.ts')
  const [fault] = checkConfigurationText('hawser.yaml', text).faults
  if (fault === undefined) return text
  throw new HawserError('CONFIG_INVALID', faultLine(fault), { mend: 'a fault in Hawser: please report it' })
}

function header(
  { file, bridges }: PlannedRun['conf'],
  { user, pidFile, log, secrets }: PlannedRun['plan']['process'],
): string {
  const files = log.destinations.flatMap((each) => (each.kind === 'file' ? [each.path] : []))
  const lines = [
    `What ${file} says, for hawser broker --config.`,
    ...(user === undefined ? [] : [`user ${user}: set User=${user} in the systemd unit.`]),
    ...(pidFile === undefined ? [] : [`pid_file ${pidFile}: systemd needs none.`]),
    ...Object.keys(secrets).map((name) => `remote_password: put it into the variable ${name}.`),
    ...(bridges.length === 0 ? [] : ['connectors: the bridges; they run with hawser up.']),
    ...files.map(
      (path) => `log_dest file ${path}: the log is on stderr; set StandardError=append:${path} in the unit.`,
    ),
  ]
  return lines.map((line) => `# ${line}\n`).join('')
}
