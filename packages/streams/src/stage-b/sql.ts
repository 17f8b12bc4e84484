/**
 * The same formulas as PostgreSQL expressions of type numeric. `numeric / numeric` keeps about 16 digits;
 * `div` and products are exact, so rounding is done by hand: half away from zero, as in TypeScript.
 *
 * They are made of column names; give `aggregate` to merge rows on the way (`sum(produced)` for `produced`).
 */
import { accumulatorColumns, type Column, type MergeRule, measureColumns } from './columns.ts'
import { type Formula, kpiScale, type Linear } from './formulas.ts'

export type ColumnExpression = (column: Column & { readonly merge?: MergeRule }) => string

/** One row as it is. */
export const plainColumn: ColumnExpression = ({ name }) => name
/** Rows merged under GROUP BY. */
export const mergedColumn: ColumnExpression = ({ name, merge }) => (merge === undefined ? name : `${merge}(${name})`)

const unit = `1${'0'.repeat(kpiScale)}`

export function kpiSql({ ratio, assumedUnless }: Formula, column: ColumnExpression = plainColumn): string {
  const value = ratioSql(linearSql(ratio.numerator, column), linearSql(ratio.denominator, column))
  if (assumedUnless === undefined) return value
  const guard = accumulatorColumns.find(({ field }) => field === assumedUnless)
  if (guard === undefined) throw new RangeError(`no column for ${assumedUnless}`)
  return `CASE WHEN ${column(guard)} = 0 THEN 1::numeric(38, ${kpiScale}) ELSE ${value} END`
}

function linearSql(terms: Linear | undefined, column: ColumnExpression): string {
  if (terms === undefined) return '1::numeric'
  const parts = accumulatorColumns.flatMap((accumulatorColumn) => {
    const factor = terms[accumulatorColumn.field]
    if (factor === undefined) return []
    const expression = `(${column(accumulatorColumn)})::numeric`
    return [factor === 1n ? expression : `${expression} * ${factor < 0n ? `(${factor})` : factor}`]
  })
  return `(${parts.join(' + ')})`
}

/** null where the denominator is 0; it is never negative. */
function ratioSql(numerator: string, denominator: string): string {
  const rounded = `div(2 * abs(${numerator}) * ${unit} + ${denominator}, 2 * nullif(${denominator}, 0))`
  return `(sign(${numerator}) * ${rounded} * 1e-${kpiScale})::numeric(38, ${kpiScale})`
}

export interface MeasureSql {
  readonly mean: string
  readonly min: string
  readonly max: string
}

/** Over `measureColumns`. Under GROUP BY, `scale` must be among the grouped columns. */
export function measureSql(column: ColumnExpression = plainColumn): MeasureSql {
  const of = (name: string): string => {
    const found = measureColumns.find((measureColumn) => measureColumn.name === name)
    if (found === undefined) throw new RangeError(`no column ${name}`)
    return `(${column(found)})::numeric`
  }
  const power = (sign: string): string => `('1e${sign}' || ${of('scale')})::numeric`
  return {
    mean: ratioSql(of('sum'), `(${of('n')} * ${power('')})`),
    min: `trim_scale(${of('min')} * ${power('-')})`,
    max: `trim_scale(${of('max')} * ${power('-')})`,
  }
}
