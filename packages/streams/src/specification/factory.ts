import { defineSpecification, type Specification } from './specification.ts'

export const factorySpecification: Specification = defineSpecification({})
