/** What an SQLSTATE means for a connector. [KPI: identity and delivery] */
import { HawserError } from '@hawser/std'

/** A statement was refused by the server. */
export class SqlError extends Error {
  override readonly name = 'SqlError'
  /** Five characters; the first two are the class. */
  readonly sqlState: string

  constructor(sqlState: string, message: string) {
    super(message)
    this.sqlState = sqlState
  }
}

export type SqlFault =
  /** One of the rows is at fault: it is looked for and kept aside. */
  | 'row'
  /** It may work later. */
  | 'retry'
  /** Somebody has to mend it. */
  | 'failed'

/** Data exception, integrity constraint violation. */
const rowClasses: readonly string[] = ['22', '23']
/** Connection, transaction rollback, insufficient resources, operator intervention, system error. */
const retryClasses: readonly string[] = ['08', '40', '53', '57', '58']
const retryStates: readonly string[] = [
  /** Somebody holds a lock for longer than the lock timeout. */
  '55P03',
  /** We stood still in a transaction, and the server has ended it. */
  '25P03',
]

/** Classes 28 (authorization), 3D (database name), 42 (syntax or access) and every other one mean FAILED. */
export function sqlFault({ sqlState }: SqlError): SqlFault {
  const sqlClass = sqlState.slice(0, 2)
  if (rowClasses.includes(sqlClass)) return 'row'
  return retryClasses.includes(sqlClass) || retryStates.includes(sqlState) ? 'retry' : 'failed'
}

/** For whoever runs the connector: what is retried and what is not. */
export function asSinkError(error: unknown): unknown {
  if (!(error instanceof SqlError)) return error
  const message = `${error.message} (SQLSTATE ${error.sqlState})`
  if (sqlFault(error) === 'retry')
    return new HawserError('SINK_UNAVAILABLE', message, { retryable: true, cause: error })
  return new HawserError('SINK_REFUSED', message, { cause: error })
}
