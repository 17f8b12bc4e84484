/** How figures and tables are written. */

/** Three digits that count. */
export const figure = (value: number): string =>
  (value >= 1000 ? Number(value.toPrecision(3)) : Number(value.toPrecision(2))).toLocaleString('en')

export const whole = (value: number): string => Math.round(value).toLocaleString('en')

export const table = (header: readonly string[], lines: readonly (readonly string[])[]): string =>
  [header, header.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
