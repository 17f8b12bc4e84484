export { type LocalStateOptions, openLocalState } from './state/local-state.ts'
