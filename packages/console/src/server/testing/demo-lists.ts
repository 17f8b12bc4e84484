import type { Client, ClientPage, ClientQuery, Topic, TopicPage, TopicQuery } from '@hawser/admin'
import type { DemoMachine } from './demo-machine.ts'

const clientsTotal = 137

export function demoClients(query: ClientQuery, startedAtMs: number, received: number): ClientPage {
  const all = Array.from({ length: clientsTotal }, (_, index) => client(index, startedAtMs, received))
  const matching = all.filter(({ clientId, address, username }) =>
    [clientId, address, username ?? ''].some((text) => text.includes(query.search)),
  )
  return {
    total: all.length,
    matching: matching.length,
    items: matching.slice(query.offset, query.offset + query.limit),
  }
}

function client(index: number, startedAtMs: number, received: number): Client {
  const connected = index % 11 !== 5
  return {
    clientId: `machine-${String(index + 1).padStart(4, '0')}`,
    username: index % 4 === 0 ? 'line-a' : null,
    address: `127.0.0.1:${40_000 + index}`,
    protocol: index % 3 === 0 ? '3.1.1' : '5.0',
    connected,
    connectedAtMs: connected ? startedAtMs + index * 700 : null,
    keepAliveSeconds: 60,
    cleanStart: index % 2 === 0,
    subscriptions: index % 5,
    inflight: connected ? index % 7 : 0,
    sent: index * 31,
    received: Math.floor(received / clientsTotal),
    lagging: index % 23 === 7,
  }
}

export function demoTopics(query: TopicQuery, atMs: number, machines: readonly DemoMachine[]): TopicPage {
  const all = [
    ...machines.map((machine) => machineTopic(machine, atMs)),
    ...sensorNames.map((name) => sensorTopic(name, atMs)),
  ]
  const matching = all.filter(({ topic }) => topic.includes(query.search)).sort((a, b) => (a.topic < b.topic ? -1 : 1))
  return {
    total: all.length,
    matching: matching.length,
    items: matching.slice(query.offset, query.offset + query.limit),
  }
}

const sensorNames = ['temperature', 'humidity', 'heat_index', 'dew_point', 'sine-1', 'sine-2', 'sine-3'] as const

function machineTopic({ machine }: DemoMachine, atMs: number): Topic {
  const { id, state, temperatureCelsius, speedRpm, alarm } = machine
  const preview = JSON.stringify({
    machine_id: id,
    temperature: round(temperatureCelsius ?? 0),
    speed: speedRpm,
    state,
    alarm,
  })
  return { ...topicHead(`factory/machines/${id}/telemetry`, preview, atMs), recent: [] }
}

function sensorTopic(name: (typeof sensorNames)[number], atMs: number): Topic {
  const phase = sensorNames.indexOf(name)
  const recent = Array.from({ length: 60 }, (_, index) => round(wave(atMs - (59 - index) * 1000, phase)))
  return { ...topicHead(`sensoren/${name}`, String(recent.at(-1)), atMs), retained: phase > 1 && phase < 4, recent }
}

const wave = (atMs: number, phase: number): number =>
  20 + phase * 5 + 4 * Math.sin(atMs / 9_000 + phase) + Math.sin(atMs / 2_100)
const round = (value: number): number => Math.round(value * 100) / 100

const topicHead = (topic: string, preview: string, atMs: number): Omit<Topic, 'recent'> => ({
  topic,
  preview,
  payloadBytes: preview.length,
  retained: false,
  messages: Math.floor(atMs / 1000) % 100_000,
  ratePerSecond: 1,
  atMs,
})
