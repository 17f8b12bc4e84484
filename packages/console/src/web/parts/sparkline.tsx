/** A line without axes: the shape of the last values. */
export interface SparklineProps {
  readonly values: readonly number[]
  readonly width: number
  readonly height: number
  readonly label: string
  readonly fromZero?: boolean
}

export function Sparkline({ values, width, height, label, fromZero = false }: SparklineProps) {
  if (values.length < 2) return null
  const low = fromZero ? 0 : Math.min(...values)
  const span = Math.max(...values) - low || 1
  const points = values.map((value, index) => {
    const x = (index / (values.length - 1)) * width
    const y = height - 1.5 - ((value - low) / span) * (height - 3)
    return `${x.toFixed(1)},${y.toFixed(1)}`
  })
  return (
    <svg class="sparkline" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <polygon points={`0,${height} ${points.join(' ')} ${width},${height}`} />
      <polyline points={points.join(' ')} />
    </svg>
  )
}
