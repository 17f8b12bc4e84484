/** A database's URL for people: without user and password. */
export function postgresPlace(url: string): string {
  const { host, pathname } = new URL(url)
  return `postgres://${host}${pathname}`
}
