import type { Figures } from '@hawser/admin'
import { type AccountFigures, imbalances, messageClasses } from '@hawser/broker'

type AccountOfMessages = Pick<Figures, 'intake' | 'messages' | 'messagesDropped' | 'messagesInflight' | 'imbalances'>

/** What became of messages, as `/metrics` shows it. */
export function accountFigures(figures: AccountFigures): AccountOfMessages {
  const { intakeLive, intakeLogged } = figures.accounts
  const of = <Value>(value: (name: (typeof messageClasses)[number]) => Value): Record<string, Value> =>
    Object.fromEntries(messageClasses.map((name) => [name, value(name)]))
  return {
    intake: { '0': outcomes(intakeLive), '1-2': outcomes(intakeLogged) },
    messages: of((name) => events(figures.accounts[name])),
    messagesDropped: of((name) => {
      const { dropped, abandoned } = figures.accounts[name]
      return Object.fromEntries(
        Object.entries(dropped).map(([reason, count]) => [reason, count + abandoned[reason as keyof typeof abandoned]]),
      )
    }),
    messagesInflight: figures.inflight,
    imbalances: imbalances(figures).length,
  }
}

const outcomes = ({ taken, repeated, refused }: AccountFigures['accounts']['intakeLive']): Record<string, number> => ({
  taken,
  repeated,
  ...refused,
})

function events(account: AccountFigures['accounts']['live']): Record<string, number> {
  const { appended, committed, attempted, sent, begun, leftInLog, handedOver, passedOver } = account
  const { resumed, acknowledged, returned, parted } = account
  return {
    ...{ appended, committed, attempted, sent, begun, acknowledged, resumed, returned, parted },
    'left-in-log': leftInLog,
    'handed-over': handedOver,
    'passed-over': passedOver,
  }
}
