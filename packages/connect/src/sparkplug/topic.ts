/** `spBv1.0/GROUP/TYPE/NODE[/DEVICE]`. Chapter 4.1 of the specification. */

export const namespace = 'spBv1.0'
const nodeTypes = ['NBIRTH', 'NDATA', 'NDEATH', 'NCMD'] as const
const deviceTypes = ['DBIRTH', 'DDATA', 'DDEATH', 'DCMD'] as const
export type MessageType = (typeof nodeTypes)[number] | (typeof deviceTypes)[number]

export type SparkplugTopic =
  | { readonly kind: 'state'; readonly host: string }
  | {
      readonly kind: 'edge'
      readonly type: MessageType
      readonly group: string
      readonly node: string
      /** Of a device's message, and of no other. */
      readonly device: string | undefined
    }

export type EdgeTopic = Extract<SparkplugTopic, { kind: 'edge' }>

/** Undefined where it is none. */
export function parseTopic(topic: string): SparkplugTopic | undefined {
  const [first, group, third, node, device, ...more] = topic.split('/')
  if (first !== namespace || group === undefined || third === undefined || more.length > 0) return undefined
  if (group === 'STATE') return node === undefined ? { kind: 'state', host: third } : undefined
  if (node === undefined || node === '' || group === '' || device === '') return undefined
  const types: readonly string[] = device === undefined ? nodeTypes : deviceTypes
  if (!types.includes(third)) return undefined
  return { kind: 'edge', type: third as MessageType, group, node, device }
}

export const commandTopic = (group: string, node: string): string => `${namespace}/${group}/NCMD/${node}`
export const stateTopic = (host: string): string => `${namespace}/STATE/${host}`
