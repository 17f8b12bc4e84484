export type { Judgement } from '../connector.ts'
export { placeNamesIn } from '../message/template.ts'
export { ruledConnector } from './ruled-connector.ts'
export { Rules } from './rules.ts'
export { judgeSample, sampleFaults } from './samples.ts'
export {
  type Condition,
  type RuleSettings,
  type RulesSettings,
  type Sample,
  type SampleMessage,
  unmatchedRule,
} from './settings.ts'
