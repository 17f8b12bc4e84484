/** A chart over time by uPlot, in the colours of the page. */
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import { short } from '../format.ts'
import { theme } from '../state/theme.ts'

export interface Series {
  readonly label: string
  /** A custom property of the style sheet. */
  readonly color: `--${string}`
  readonly filled?: boolean
}

export interface ChartProps {
  readonly label: string
  readonly series: readonly Series[]
  /** Times in milliseconds, then a column for each series. */
  readonly times: readonly number[]
  readonly columns: readonly (readonly (number | null)[])[]
  readonly height: number
  readonly bars?: boolean
  readonly format?: (value: number) => string
}

export function Chart({ label, series, times, columns, height, bars = false, format = short }: ChartProps) {
  const holder = useRef<HTMLDivElement>(null)
  const chart = useRef<uPlot | null>(null)
  const data = [times.map((ms) => ms / 1000), ...columns] as uPlot.AlignedData
  const latest = useRef(data)
  latest.current = data
  // Read here, so that another theme draws a new chart: a canvas does not follow the style sheet.
  const colors = theme.value
  useEffect(() => {
    const element = holder.current
    if (element === null) return
    const made = new uPlot(optionsOf({ element, series, height, bars, format }), latest.current, element)
    chart.current = made
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      made.destroy()
      chart.current = null
    }
  }, [colors, height, bars])
  useEffect(() => {
    if (chart.current !== null && chart.current.data !== data) chart.current.setData(data)
  })
  return <div ref={holder} class="chart" role="img" aria-label={label} />
}

interface ChartLook extends Pick<ChartProps, 'series' | 'height'> {
  readonly element: HTMLElement
  readonly bars: boolean
  readonly format: (value: number) => string
}

function optionsOf({ element, series, height, bars, format }: ChartLook): uPlot.Options {
  const style = getComputedStyle(element)
  const color = (name: string): string => style.getPropertyValue(name).trim()
  const axis: uPlot.Axis = {
    stroke: color('--muted'),
    font: '11px system-ui, sans-serif',
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
  }
  const barPaths = bars && uPlot.paths.bars !== undefined ? { paths: uPlot.paths.bars({ size: [0.7, 14] }) } : {}
  return {
    width: element.clientWidth,
    height,
    padding: [8, 8, 0, 0],
    cursor: { points: { size: 6 }, y: false, drag: { setScale: false, x: false, y: false } },
    legend: { live: true },
    scales: { y: { range: (_, __, max) => [0, Math.max(1, max * 1.1)] } },
    axes: [
      { ...axis, grid: { show: false }, values: timeLabels, space: 90, size: 26 },
      { ...axis, size: 48, values: (_, splits) => splits.map((split) => format(split)) },
    ],
    series: [
      { label: 'Time', value: (_, seconds) => (seconds === null ? '' : clock.format(seconds * 1000)) },
      ...series.map((each) => ({
        label: each.label,
        stroke: color(each.color),
        width: 1.75,
        points: { show: false },
        value: (_: uPlot, value: number | null) => (value === null ? '' : format(value)),
        ...(each.filled === true || bars ? { fill: `color-mix(in srgb, ${color(each.color)} 16%, transparent)` } : {}),
        ...barPaths,
      })),
    ],
  }
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const minutes = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })

/** Whole minutes without seconds; others with. */
const timeLabels = (_: uPlot, splits: readonly number[]): string[] =>
  splits.map((seconds) => (seconds % 60 === 0 ? minutes : clock).format(seconds * 1000))
