/** One message in a file, as `hawser connector test` is given it: JSON or YAML, with the keys of a sample. */
import { readFile } from 'node:fs/promises'
import type { SampleMessage } from '@hawser/connect/rules'
import { HawserError } from '@hawser/std'
import { parse } from 'yaml'
import { messageSchema } from '../config/schema/rules.ts'

export async function readMessage(path: string): Promise<SampleMessage> {
  const found = messageSchema.safeParse(await documentIn(path))
  if (!found.success) {
    const [issue] = found.error.issues
    throw wrong(path, `${issue?.path.join('.') ?? ''}: ${issue?.message}`)
  }
  const { topic, payload, qos = 1, retain = false, client_id: clientId = '', user_properties = [] } = found.data
  return { topic, payload, qos, retain, clientId, userProperties: user_properties }
}

async function documentIn(path: string): Promise<unknown> {
  try {
    return parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw wrong(path, (cause as Error).message, cause)
  }
}

const wrong = (path: string, why: string, cause?: unknown): HawserError =>
  new HawserError('USAGE', `${path} is no message: ${why}`, {
    mend: 'it has topic and payload, both texts, and may have qos, retain, client_id and user_properties',
    cause,
  })
