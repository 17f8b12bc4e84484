/** Opens many connections, some at a time, so that no accept queue overflows. */
const atOnceMax = 64

export async function connectAll<Opened>(
  connections: readonly Opened[],
  open: (connection: Opened, index: number) => Promise<void>,
): Promise<void> {
  let next = 0
  const openRest = async (): Promise<void> => {
    for (let index = next++; index < connections.length; index = next++) await open(connections[index] as Opened, index)
  }
  await Promise.all(Array.from({ length: Math.min(atOnceMax, connections.length) }, openRest))
}
