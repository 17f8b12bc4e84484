/** Where the boxes of the path picture stand: side by side where there is room, one below the other on a phone. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Layout {
  readonly vertical: boolean
  readonly width: number
  readonly height: number
  readonly devices: Box
  readonly broker: Box
  readonly log: Box
  readonly connectors: readonly Box[]
  readonly sinks: readonly Box[]
}

const narrowPx = 720
const rowHeight = 50
const rowGap = 12
const heightMin = 138

export function layoutOf(width: number, connectors: number): Layout | undefined {
  if (width === 0) return undefined
  return width < narrowPx ? vertical(width, connectors) : horizontal(width, connectors)
}

function horizontal(width: number, connectors: number): Layout {
  const rows = Math.max(1, connectors)
  const height = Math.max(heightMin, rows * rowHeight + (rows - 1) * rowGap + 8)
  const gap = Math.max(46, width * 0.068)
  const boxWidth = (width - gap * 4 - 2) / 5
  const column = (index: number): number => 1 + index * (boxWidth + gap)
  const middle = (index: number): Box => ({ x: column(index), y: height / 2 - 38, width: boxWidth, height: 76 })
  const top = (height - (rows * rowHeight + (rows - 1) * rowGap)) / 2
  const row =
    (index: number) =>
    (_: unknown, each: number): Box => ({
      x: column(index),
      y: top + each * (rowHeight + rowGap),
      width: boxWidth,
      height: rowHeight,
    })
  return {
    vertical: false,
    width,
    height,
    devices: middle(0),
    broker: middle(1),
    log: middle(2),
    connectors: Array.from({ length: connectors }, row(3)),
    sinks: Array.from({ length: connectors }, row(4)),
  }
}

function vertical(width: number, connectors: number): Layout {
  const boxHeight = 70
  const gap = 40
  const level = (index: number): number => 1 + index * (boxHeight + gap)
  const boxWidth = Math.min(200, width - 2)
  const middle = (index: number): Box => ({
    x: (width - boxWidth) / 2,
    y: level(index),
    width: boxWidth,
    height: boxHeight,
  })
  const columns = Math.max(1, connectors)
  const columnGap = 10
  const columnWidth = (width - 2 - columnGap * (columns - 1)) / columns
  const row =
    (index: number) =>
    (_: unknown, each: number): Box => ({
      x: 1 + each * (columnWidth + columnGap),
      y: level(index),
      width: columnWidth,
      height: boxHeight - 14,
    })
  return {
    vertical: true,
    width,
    height: level(4) + boxHeight,
    devices: middle(0),
    broker: middle(1),
    log: middle(2),
    connectors: Array.from({ length: connectors }, row(3)),
    sinks: Array.from({ length: connectors }, row(4)),
  }
}

/** The rope from one box to the next, and where its middle is. */
export function edgePath({ vertical: down }: Layout, from: Box, to: Box): { d: string; x: number; y: number } {
  const [x1, y1] = down
    ? [from.x + from.width / 2, from.y + from.height]
    : [from.x + from.width, from.y + from.height / 2]
  const [x2, y2] = down ? [to.x + to.width / 2, to.y] : [to.x, to.y + to.height / 2]
  const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2]
  const d = down ? `M${x1} ${y1}C${x1} ${y} ${x2} ${y} ${x2} ${y2}` : `M${x1} ${y1}C${x} ${y1} ${x} ${y2} ${x2} ${y2}`
  return { d, x, y }
}
