import factory from './factory.json' with { type: 'json' }
import { defineSpecification, type Specification } from './specification.ts'

/** The built-in specification of the scenario `factory`: what a machine simulator publishes. */
export const factorySpecification: Specification = defineSpecification(factory)
