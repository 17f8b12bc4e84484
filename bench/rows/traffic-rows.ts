/** The rows of traffic. */
import type { BrokerName } from '../brokers/broker-kind.ts'
import { atLeastTimes, atMost, atMostTimes, type Row } from './row.ts'
import { latencyRow, throughputRow } from './traffic-row.ts'

/** At QoS 0 nothing is written to the disk for these rows, so the default is measured alone. */
const live: readonly BrokerName[] = ['hawser-disk', 'mosquitto', 'aedes', 'relay']
const durable: readonly BrokerName[] = ['hawser-disk', 'hawser-memory', 'mosquitto', 'aedes', 'relay']

export const trafficRows: readonly Row[] = [
  throughputRow({
    name: 'qos0-pairs',
    what: 'QoS 0, 50 pairs, at most 10,000 deliveries outstanding',
    plan: { shape: 'pairs', qos: 0, outstandingMax: 10_000 },
    brokers: live,
    goals: { 'hawser-disk': { promised: atLeastTimes(5), aim: atLeastTimes(10) } },
  }),
  throughputRow({
    name: 'qos0-pairs-overdriven',
    what: 'QoS 0, 50 pairs, publishers stopped only by full sockets',
    plan: { shape: 'pairs', qos: 0 },
    brokers: live,
    goals: { 'hawser-disk': { promised: atLeastTimes(5), aim: atLeastTimes(15) } },
  }),
  throughputRow({
    name: 'qos0-fan-in',
    what: 'QoS 0, 50 publishers to 1 subscriber of a wildcard, stopped only by full sockets',
    plan: { shape: 'fan-in', qos: 0, subscribers: 1 },
    // The relay would mix the halves of two publishers' packets.
    brokers: live.filter((name) => name !== 'relay'),
    goals: { 'hawser-disk': { aim: atLeastTimes(20) } },
  }),
  throughputRow({
    name: 'qos0-fan-out',
    what: 'QoS 0, 1 publisher to 100 subscribers, at most 100,000 deliveries outstanding',
    plan: { shape: 'fan-out', qos: 0, publishers: 1, subscribers: 100, outstandingMax: 100_000 },
    brokers: live,
    goals: { 'hawser-disk': { aim: atLeastTimes(20) } },
  }),
  throughputRow({
    name: 'qos1-pairs',
    what: 'QoS 1 both ways, 50 pairs, window 20',
    plan: { shape: 'pairs', qos: 1 },
    brokers: durable,
    goals: {
      'hawser-disk': { promised: atLeastTimes(1.5), aim: atLeastTimes(3) },
      'hawser-memory': { aim: atLeastTimes(8) },
    },
  }),
  throughputRow({
    name: 'qos1-pairs-persistent',
    what: 'the same, subscribers with persistent sessions',
    plan: { shape: 'pairs', qos: 1, persistent: true },
    brokers: durable,
    goals: { 'hawser-disk': { aim: atLeastTimes(3) } },
  }),
  throughputRow({
    name: 'qos2-pairs',
    what: 'QoS 2 both ways, 50 pairs, window 20',
    plan: { shape: 'pairs', qos: 2 },
    brokers: durable,
    goals: { 'hawser-disk': { aim: atLeastTimes(2) }, 'hawser-memory': { aim: atLeastTimes(7) } },
  }),
  latencyRow({
    name: 'qos0-latency',
    what: 'QoS 0, 50 pairs, 5,000 messages/s together: p99 from due time to arrival',
    plan: { shape: 'pairs', qos: 0, rate: 5000 },
    brokers: live,
    goals: { 'hawser-disk': { aim: atMostTimes(3) } },
  }),
  latencyRow({
    name: 'qos1-latency',
    what: 'QoS 1, the same',
    plan: { shape: 'pairs', qos: 1, rate: 5000 },
    brokers: durable,
    goals: { 'hawser-disk': { aim: atMost(2000) }, 'hawser-memory': { aim: atMostTimes(3) } },
  }),
]
