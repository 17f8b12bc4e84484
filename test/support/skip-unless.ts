/** For `skip`: false where a server is here, else why; where servers are required it throws that. */
export function skipUnless(isHere: boolean, reason: string): string | false {
  if (isHere) return false
  if (process.env['HAWSER_REQUIRE_SERVERS'] === '1') throw new Error(reason)
  return reason
}
