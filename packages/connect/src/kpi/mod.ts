export { type KpiMeasure, type KpiWindow, kpiWindow } from './kpi-window.ts'
export { type LiveKpis, type LiveKpisOptions, liveKpis } from './live-kpis.ts'
