export interface RetentionLimits {
  /** What lies below the floor is kept while the lane is smaller … */
  readonly bytes: number
  /** … and for so long. */
  readonly ms: number
}
