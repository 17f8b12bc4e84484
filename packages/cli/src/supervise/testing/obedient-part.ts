/** A child for tests: connects to the test's port, and does what the test writes there. */
import { once } from 'node:events'
import { createConnection } from 'node:net'
import { HawserError } from '@hawser/std'
import { runChild } from '../child.ts'

interface Task {
  readonly name: string
  readonly port: number
}

runChild<Task>(async ({ name, port }, { ready, onParts, stopAll, logger, signal }) => {
  const socket = createConnection(port, '127.0.0.1')
  await once(socket, 'connect')
  onParts((parts) => socket.write(`parts ${parts.map((part) => `${part.name}=${part.state}`).join(' ')}\n`))
  socket.write(`hello ${name} ${process.pid}\n`)
  const orders: Readonly<Record<string, (fail: (error: unknown) => void, end: () => void) => void>> = {
    ready: () => ready(),
    crash: () => process.exit(7),
    full: (fail) => fail(new HawserError('DISK_FULL', 'no room', { mend: 'make some' })),
    end: (_fail, end) => end(),
    print: () => process.stderr.write('a cry\n'),
    log: () => logger.info('a word'),
    'stop-all': () => stopAll(),
    freeze: () => process.kill(process.pid, 'SIGSTOP'),
    hang: () => {
      for (;;);
    },
  }
  await new Promise<void>((resolve, reject) => {
    signal.addEventListener('abort', () => resolve())
    socket.on('data', (data) => orders[data.toString().trim()]?.(reject, resolve))
  })
  socket.destroy()
})
