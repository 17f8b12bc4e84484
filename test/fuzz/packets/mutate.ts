/** Damage by structure: each takes a whole packet and hands back bytes that look almost like one. */
import type { Random } from '@hawser/std'
import { chance, pick } from './choose.ts'

type Mutation = (packet: Buffer, random: Random) => Buffer

const at = (packet: Buffer, random: Random): number => random.integer(Math.max(packet.length, 1))

const flipBit: Mutation = (packet, random) => {
  const copy = Buffer.from(packet)
  const place = at(packet, random)
  copy[place] = (copy[place] ?? 0) ^ (1 << random.integer(8))
  return copy
}

const interesting = [0x00, 0x01, 0x7f, 0x80, 0xff]
const setByte: Mutation = (packet, random) => {
  const copy = Buffer.from(packet)
  copy[at(packet, random)] = pick(random, interesting)
  return copy
}

/** Type and flags of the fixed header. */
const changeHead: Mutation = (packet, random) => {
  const copy = Buffer.from(packet)
  copy[0] = random.integer(256)
  return copy
}

const cut: Mutation = (packet, random) => packet.subarray(0, at(packet, random))

const grow: Mutation = (packet, random) => Buffer.concat([packet, random.bytes(1 + random.integer(20))])

const repeatPart: Mutation = (packet, random) => {
  const start = at(packet, random)
  const part = packet.subarray(start, start + 1 + random.integer(30))
  return Buffer.concat([packet.subarray(0, start), part, part, packet.subarray(start)])
}

/** The Remaining Length says something else than what follows. */
const lieAboutLength: Mutation = (packet, random) => {
  const lies = [
    Buffer.from([0x00]),
    Buffer.from([0x7f]),
    Buffer.from([0xff, 0x7f]),
    Buffer.from([0xff, 0xff, 0x03]),
    Buffer.from([0xff, 0xff, 0xff, 0x7f]),
    Buffer.from([0xff, 0xff, 0xff, 0xff, 0x01]),
    Buffer.from([0x80, 0x80, 0x80, 0x80]),
    Buffer.from([0x80, 0x00]),
  ]
  let end = 1
  while (end < 5 && ((packet[end] ?? 0) & 0x80) !== 0) end++
  return Buffer.concat([packet.subarray(0, 1), pick(random, lies), packet.subarray(end + 1)])
}

/** A length of two bytes somewhere within says something else. */
const lieWithin: Mutation = (packet, random) => {
  const copy = Buffer.from(packet)
  if (copy.length < 4) return copy
  copy.writeUInt16BE(pick(random, [0, 1, 0xff, 0xffff, random.integer(0x10000)]), 2 + random.integer(copy.length - 3))
  return copy
}

const badText: readonly Buffer[] = [
  Buffer.from([0x00]),
  Buffer.from([0xed, 0xa0, 0x80]),
  Buffer.from([0xc0, 0x80]),
  Buffer.from([0xff]),
  Buffer.from([0xf4, 0x90, 0x80, 0x80]),
]
const spoilText: Mutation = (packet, random) => {
  const copy = Buffer.from(packet)
  pick(random, badText).copy(copy, at(packet, random))
  return copy
}

const mutations: readonly Mutation[] = [
  flipBit,
  flipBit,
  setByte,
  changeHead,
  cut,
  grow,
  repeatPart,
  lieAboutLength,
  lieWithin,
  spoilText,
]

export function mutate(packet: Buffer, random: Random): Buffer {
  let damaged = pick(random, mutations)(packet, random)
  while (chance(random, 3)) damaged = pick(random, mutations)(damaged, random)
  return damaged
}
