/** One attack: what is said, in which pieces, and through which door. Nothing in it touches the network. */
import type { Random } from '@hawser/std'
import { proxyHeader } from './doors/proxy.ts'
import { tlsGarbage } from './doors/tls.ts'
import { frames, request } from './doors/websocket.ts'
import { chance, pick, small } from './packets/choose.ts'
import { hostile, hostileVersion } from './packets/hostile.ts'
import { mutate } from './packets/mutate.ts'
import { connect, packet, publish, type Version } from './packets/valid.ts'

export const doorNames = ['mqtt', 'ws', 'proxied', 'mqtts'] as const
export type DoorName = (typeof doorNames)[number]

export interface Attack {
  readonly kind: string
  readonly door: DoorName
  /** Written one after another, each as a write of its own. */
  readonly writes: readonly Buffer[]
  /** MQTT packets in it, damaged ones too. */
  readonly packets: number
  /** The attacker reads nothing of what it is answered. */
  readonly deaf: boolean
}

type Plan = (random: Random) => { readonly packets: readonly Buffer[]; readonly deaf?: boolean }

const packetsMax = 400

function session(random: Random, version: Version, damagedOneIn: number): readonly Buffer[] {
  const said = [connect(random, version)]
  for (let left = 1 + small(random, packetsMax); left > 0; left--) {
    const next = packet(random, version)
    said.push(chance(random, damagedOneIn) ? mutate(next, random) : next)
  }
  return said
}

const version = (random: Random): Version => pick(random, [4, 5])

const plans: Readonly<Record<string, Plan>> = {
  session: (random) => ({ packets: session(random, version(random), 100) }),
  'damaged session': (random) => ({ packets: session(random, version(random), 10) }),
  'deaf session': (random) => ({ packets: session(random, version(random), 1_000), deaf: true }),
  'damaged CONNECT': (random) => ({ packets: [mutate(connect(random, version(random)), random)] }),
  'two CONNECTs': (random) => ({ packets: [connect(random, 5), connect(random, 5)] }),
  'no CONNECT': (random) => ({ packets: [packet(random, version(random))] }),
  garbage: (random) => ({ packets: [Buffer.from(random.bytes(1 + small(random, 2_000)))] }),
  'half a packet': (random) => {
    const whole = publish(random, 5)
    return { packets: [connect(random, 5), whole.subarray(0, random.integer(whole.length))] }
  },
  hostile: (random) => ({ packets: [connect(random, hostileVersion), ...hostile(random), ...hostile(random)] }),
  flood: (random) => {
    const [opening, one] = [connect(random, 4), publish(random, 4)]
    return { packets: [opening, ...Array.from({ length: packetsMax }, () => one)], deaf: chance(random, 2) }
  },
}

export function planAttack(random: Random): Attack {
  const kind = pick(random, Object.keys(plans))
  const { packets, deaf = false } = plans[kind]?.(random) ?? { packets: [] }
  const door = pick(random, ['mqtt', 'mqtt', 'mqtt', 'ws', 'proxied', 'mqtts'] as const)
  return { kind, door, deaf, packets: packets.length, writes: split(random, through(random, door, packets)) }
}

function through(random: Random, door: DoorName, packets: readonly Buffer[]): readonly Buffer[] {
  switch (door) {
    case 'mqtt':
      return packets
    case 'ws':
      return [request(random), ...frames(random, packets)]
    case 'proxied':
      return [proxyHeader(random), ...packets]
    case 'mqtts':
      return [tlsGarbage(random, Buffer.concat(packets))]
    default:
      throw door satisfies never
  }
}

/** All at once, packet by packet, in pieces of any length, or byte by byte. */
function split(random: Random, parts: readonly Buffer[]): readonly Buffer[] {
  if (chance(random, 2)) return parts
  const whole = Buffer.concat(parts)
  if (chance(random, 2)) return [whole]
  const byteByByte = whole.length < 400 && chance(random, 3)
  const pieces: Buffer[] = []
  for (let start = 0; start < whole.length; ) {
    const end = start + (byteByByte ? 1 : 1 + random.integer(Math.max(2, whole.length >> 2)))
    pieces.push(whole.subarray(start, end))
    start = end
  }
  return pieces
}
