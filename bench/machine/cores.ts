/** Brokers have one core, the generator another, so that neither takes the other's time. */
export const brokerCore = 0
export const generatorCore = 1

export interface Program {
  readonly program: string
  readonly args: readonly string[]
}

export const pinned = (cores: number | readonly number[], { program, args }: Program): Program => ({
  program: 'taskset',
  args: ['-c', `${cores}`, program, ...args],
})
