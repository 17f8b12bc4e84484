export { DemoSource, type DemoSourceOptions } from './demo-source.ts'
