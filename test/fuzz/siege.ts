/** Attacks side by side until so many packets were sent. One seed gives the same attacks again. */
import net, { type Socket } from 'node:net'
import { type Clock, milliseconds, seededRandom } from '@hawser/std'
import { type Attack, type DoorName, planAttack } from './attack.ts'

const attackersMax = 48
/** An attacker that is neither answered nor closed goes away by itself. */
const attackMsMax = milliseconds(1_000)
const seedsPerRun = 1_000_000

export interface SiegeOptions {
  readonly ports: Readonly<Record<string, number>>
  readonly seed: number
  readonly packets: number
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly progress: (packets: number) => void
}

export interface SiegeReport {
  readonly packets: number
  readonly attacks: number
  /** By kind and door. */
  readonly kinds: ReadonlyMap<string, number>
}

export async function besiege(options: SiegeOptions): Promise<SiegeReport> {
  const { seed, packets, signal, progress } = options
  const kinds = new Map<string, number>()
  let sent = 0
  let attacks = 0
  const attacker = async (): Promise<void> => {
    while (sent < packets && !signal.aborted) {
      const attack = planAttack(seededRandom(seed * seedsPerRun + attacks++))
      const name = `${attack.kind} at ${attack.door}`
      kinds.set(name, (kinds.get(name) ?? 0) + 1)
      await carryOut(attack, options)
      sent += attack.packets
      progress(sent)
    }
  }
  await Promise.all(Array.from({ length: attackersMax }, attacker))
  return { packets: sent, attacks, kinds }
}

const portOf = (ports: Readonly<Record<string, number>>, door: DoorName): number => {
  const port = ports[door]
  if (port === undefined) throw new Error(`no port for ${door}`)
  return port
}

/** Resolves when the connection is over, by whomever. */
function carryOut(attack: Attack, { ports, clock, signal }: SiegeOptions): Promise<void> {
  const socket = net.connect({ host: '127.0.0.1', port: portOf(ports, attack.door), noDelay: true })
  return new Promise((resolve) => {
    const timer = clock.after(attackMsMax, () => socket.destroy())
    const stop = (): void => void socket.destroy()
    signal.addEventListener('abort', stop, { once: true })
    // A reset is an answer like any other.
    socket.on('error', () => undefined)
    socket.once('close', () => {
      timer[Symbol.dispose]()
      signal.removeEventListener('abort', stop)
      resolve()
    })
    if (attack.deaf) socket.pause()
    else socket.resume()
    socket.once('connect', () => writeAll(socket, attack))
  })
}

function writeAll(socket: Socket, { writes, deaf }: Attack): void {
  for (const bytes of writes) socket.write(bytes)
  // A deaf attacker stays, to see what gathers for it.
  if (!deaf) socket.end()
}
