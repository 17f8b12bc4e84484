/** Readers that are not ours: Kafka's client in Java, psql, and a Mosquitto's own subscriber's messages. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Collector } from '../../../packages/connect/src/mqtt/testing/mqtt-under-test.ts'
import { kafkaClassPath } from '../../servers/kafka.ts'
import { Book } from './book.ts'

const program = fileURLToPath(new URL('./ReadNames.java', import.meta.url))

export async function readKafka(address: string, topic: string, machines: number): Promise<Book> {
  const book = new Book('Kafka', machines)
  const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'
  await lines('java', [quiet, '-cp', kafkaClassPath, program, address, topic], ([key, eventId, machine, number]) => {
    if (key !== machine) book.fault(`${eventId} of ${machine} is under the key ${key}`)
    book.take({ ...placeOf(eventId), machine: machineOf(machine), number: Number(number) })
  })
  return book
}

export async function readPostgres(url: string, table: string, machines: number): Promise<Book> {
  const book = new Book('PostgreSQL', machines)
  const copy = `COPY (SELECT partition, position, machine, n FROM hawser.${table} ORDER BY partition, position) TO STDOUT`
  await lines('psql', ['-X', '-q', '-c', copy, url], ([partition, position, machine, number]) => {
    const [at, of] = [Number(position), Number(partition)]
    book.take({ partition: of, position: at, machine: machineOf(machine), number: Number(number) })
  })
  return book
}

export async function readBridge(collector: Collector, prefix: string, machines: number): Promise<Book> {
  const book = new Book('the other broker', machines)
  for (const { topic, payload, eventId } of await collector.arrived()) {
    if (!topic.startsWith(`${prefix}/`)) continue
    const { machine, n } = JSON.parse(payload)
    book.take({ ...placeOf(eventId), machine: machineOf(machine), number: n })
  }
  return book
}

const machineOf = (name = ''): number => Number(name.split('-')[1])

function placeOf(eventId = ''): { readonly partition: number; readonly position: number } {
  const [, partition, position] = eventId.split('/')
  return { partition: Number(partition), position: Number(position) }
}

async function lines(command: string, argv: readonly string[], take: (cells: string[]) => void): Promise<void> {
  const child = spawn(command, argv, { stdio: ['ignore', 'pipe', 'inherit'] })
  const exit = once(child, 'exit')
  for await (const line of createInterface(child.stdout)) take(line.split('\t'))
  const [code] = await exit
  if (code !== 0) throw new Error(`${command} ended with ${code}`)
}
