/** Where keys and verdicts may come from: nobody in between may read or change them. */
import { BlockList } from 'node:net'
import { HawserError } from '@hawser/std'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  return host === 'localhost' || loopback.check(host, host.includes(':') ? 'ipv6' : 'ipv4')
}

/** Plain HTTP only to this machine, or where it is said. */
export function checkedUrl(text: string, plainAllowed: boolean): URL {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new HawserError('CONFIG_INVALID', `${text} is no https URL`, { mend: 'write https://host/path' })
  }
  if (url.username !== '' || url.password !== '') {
    throw new HawserError('CONFIG_INVALID', `the URL of ${url.host} bears a password`, {
      mend: 'put it into a file and name that as authorization_file',
    })
  }
  if (url.protocol === 'https:' || plainAllowed || isLoopback(url.hostname)) return url
  throw new HawserError('CONFIG_INVALID', `${url.origin} is plain http, which others can read and change`, {
    mend: 'use https, or set plain_http: true if that is meant',
  })
}
