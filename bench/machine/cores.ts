/** Brokers have one core, the generator another, so that neither takes the other's time. */
export const brokerCore = 0
export const generatorCore = 1

export interface Program {
  readonly program: string
  readonly args: readonly string[]
}

export const pinned = (core: number, { program, args }: Program): Program => ({
  program: 'taskset',
  args: ['-c', `${core}`, program, ...args],
})
