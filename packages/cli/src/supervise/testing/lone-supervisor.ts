/** A process with a supervisor and one part, for a test that kills it. */
import { systemClock } from '@hawser/std'
import { Supervisor } from '../supervisor.ts'

const supervisor = new Supervisor({
  parts: [
    {
      name: 'orphan',
      module: new URL('./obedient-part.ts', import.meta.url),
      task: { name: 'orphan', port: Number(process.argv[2]) },
      tier: 0,
    },
  ],
  clock: systemClock,
  log: () => {},
  onStopAll: () => {},
})
await supervisor.start(new AbortController().signal)
