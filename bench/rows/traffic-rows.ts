/** The rows of traffic. */
import type { BrokerName } from '../brokers/broker-kind.ts'
import { atLeastTimes, atMost, atMostTimes, type Row } from './row.ts'
import { latencyRow, throughputRow } from './traffic-row.ts'

/** At QoS 0 nothing is written to the disk for these rows, so the default is measured alone. */
const live: readonly BrokerName[] = ['hawser-disk', 'mosquitto', 'aedes', 'nats', 'relay']
const durable: readonly BrokerName[] = ['hawser-disk', 'hawser-memory', 'mosquitto', 'aedes', 'nats', 'relay']
/** Where publishers share a subscriber the relay would mix the halves of their packets. */
const withoutRelay = (names: readonly BrokerName[]) => names.filter((name) => name !== 'relay')
/** Aedes and the gateway of NATS have neither MQTT 5 nor shared subscriptions. */
const ofMosquitto = (names: readonly BrokerName[]) =>
  withoutRelay(names).filter((name) => name !== 'aedes' && name !== 'nats')

const qos0Rows: readonly Row[] = [
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
    brokers: withoutRelay(live),
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
    name: 'qos0-fan-out-1000',
    what: 'QoS 0, 1 publisher to 1,000 subscribers, at most 100,000 deliveries outstanding',
    plan: { shape: 'fan-out', qos: 0, publishers: 1, subscribers: 1000, outstandingMax: 100_000 },
    brokers: live,
    goals: { 'hawser-disk': { aim: atLeastTimes(20) } },
  }),
  throughputRow({
    name: 'qos0-wildcards',
    what: 'QoS 0, 10 publishers over 1,000 topics, 10,000 filters with + at 100 subscribers, 3 match a message, at most 30,000 deliveries outstanding',
    plan: { shape: 'wild', qos: 0, publishers: 10, subscribers: 100, outstandingMax: 30_000 },
    brokers: withoutRelay(live),
    goals: { 'hawser-disk': { aim: atLeastTimes(10) } },
  }),
  throughputRow({
    name: 'qos0-shared',
    what: 'QoS 0, 50 publishers to a shared group of 10, at most 10,000 deliveries outstanding',
    plan: { shape: 'shared', qos: 0, subscribers: 10, outstandingMax: 10_000 },
    brokers: ofMosquitto(live),
    goals: { 'hawser-disk': { aim: atLeastTimes(10) } },
  }),
  throughputRow({
    name: 'qos0-single',
    what: 'QoS 0, 1,000 publishers to 1 subscriber, one message per packet on the wire and 1,000 outstanding',
    plan: { shape: 'fan-in', qos: 0, publishers: 1000, subscribers: 1, burstMax: 1, outstandingMax: 1000 },
    brokers: withoutRelay(live),
    goals: { 'hawser-disk': { aim: atLeastTimes(1.2) } },
  }),
]

const acknowledgedRows: readonly Row[] = [
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
    plan: { shape: 'pairs', qos: 1, isPersistent: true },
    brokers: durable,
    goals: { 'hawser-disk': { aim: atLeastTimes(3) } },
  }),
  throughputRow({
    name: 'qos1-pairs-mqtt5',
    what: 'QoS 1 both ways, 50 pairs, window 20, MQTT 5',
    plan: { shape: 'pairs', qos: 1, version: 5 },
    brokers: ofMosquitto(durable),
    goals: { 'hawser-disk': { aim: atLeastTimes(3) }, 'hawser-memory': { aim: atLeastTimes(8) } },
  }),
  throughputRow({
    name: 'qos1-pairs-1k',
    what: 'QoS 1 both ways, 50 pairs, window 20, payloads of 1 KiB',
    plan: { shape: 'pairs', qos: 1, payloadBytes: 1024 },
    brokers: durable,
    goals: { 'hawser-disk': { aim: atLeastTimes(2) }, 'hawser-memory': { aim: atLeastTimes(4) } },
  }),
  throughputRow({
    name: 'qos1-shared',
    what: 'QoS 1 both ways, 50 publishers to a shared group of 10, window 20',
    plan: { shape: 'shared', qos: 1, subscribers: 10 },
    brokers: ofMosquitto(durable),
    goals: { 'hawser-disk': { aim: atLeastTimes(5) }, 'hawser-memory': { aim: atLeastTimes(5) } },
  }),
  throughputRow({
    name: 'qos1-single',
    what: 'QoS 1 both ways, 1,000 pairs, window 1: one message per packet on the wire',
    plan: { shape: 'pairs', qos: 1, publishers: 1000, subscribers: 1000, window: 1 },
    brokers: durable,
    goals: { 'hawser-disk': { aim: atLeastTimes(0.8) } },
  }),
  throughputRow({
    name: 'qos2-pairs',
    what: 'QoS 2 both ways, 50 pairs, window 20',
    plan: { shape: 'pairs', qos: 2 },
    brokers: durable,
    goals: { 'hawser-disk': { aim: atLeastTimes(2) }, 'hawser-memory': { aim: atLeastTimes(7) } },
  }),
]

/** As elsewhere on one core, then as two processes on all there are. */
const severalProcesses: readonly BrokerName[] = ['hawser-disk', 'hawser-workers', 'mosquitto']

const workerRows: readonly Row[] = [
  throughputRow({
    name: 'qos0-pairs-workers',
    what: 'qos0-pairs with one process on one core, then with workers: 2 on both',
    plan: { shape: 'pairs', qos: 0, outstandingMax: 10_000 },
    brokers: severalProcesses,
    goals: {},
  }),
  throughputRow({
    name: 'qos1-pairs-workers',
    what: 'qos1-pairs with one process on one core, then with workers: 2 on both',
    plan: { shape: 'pairs', qos: 1 },
    brokers: severalProcesses,
    goals: {},
  }),
]

const latencyRows: readonly Row[] = [
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

export const trafficRows: readonly Row[] = [...qos0Rows, ...acknowledgedRows, ...workerRows, ...latencyRows]
