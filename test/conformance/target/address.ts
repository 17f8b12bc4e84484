export interface Address {
  readonly host: string
  readonly port: number
}

export function addressOf(value: string): Address {
  const match = /^(.+):(\d+)$/.exec(value)
  if (match === null) throw new Error(`${value} is not host:port`)
  return { host: match[1]?.replace(/^\[(.*)\]$/, '$1') ?? '', port: Number(match[2]) }
}
