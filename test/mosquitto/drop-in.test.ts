/** The same client script against Debian's Mosquitto and ours, on the same configuration: the same answers. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { missing } from '../support/programs.ts'
import { type BrokerName, placeConfiguration } from './broker-process.ts'
import { type Difference, differences, everywhere } from './differences.ts'
import { doorScripts } from './scripts/doors.ts'
import { entryScripts } from './scripts/entry.ts'
import { ruleScripts } from './scripts/rules.ts'
import { type Answers, type Script, World } from './world.ts'

const skip = missing('mosquitto', 'apt-get install mosquitto')
const scripts = [...entryScripts, ...doorScripts, ...ruleScripts]

async function answersOf(broker: BrokerName, script: Script): Promise<Answers> {
  await using placed = await placeConfiguration(script.name)
  await script.prepare?.(placed)
  await using world = new World(broker, placed)
  await world.start()
  await script.run(world)
  return world.answers
}

/** What Mosquitto says, with what ours is known to say instead. */
function expected(mosquitto: Answers, known: Readonly<Record<string, Difference>>): Answers {
  const changes = Object.entries(known).map(([question, { hawser }]) => [question, hawser])
  return { ...mosquitto, ...Object.fromEntries(changes) }
}

function withoutEverywhere(answers: Answers): Answers {
  const text = JSON.stringify(answers)
  everywhereSeen ||= text.includes(everywhere.text)
  return JSON.parse(text.replaceAll(everywhere.text, '')) as Answers
}

let everywhereSeen = false

describe('a configuration of Mosquitto runs as it does there', { skip }, () => {
  for (const script of scripts) {
    it(script.name, async () => {
      const mosquitto = await answersOf('mosquitto', script)
      const hawser = withoutEverywhere(await answersOf('hawser', script))
      assert.ok(!JSON.stringify(mosquitto).includes(everywhere.text), 'Mosquitto says it too: it is no difference')
      const known = differences[script.name] ?? {}
      for (const [question, difference] of Object.entries(known)) {
        assert.deepEqual(
          mosquitto[question],
          difference.mosquitto,
          `${question}: Mosquitto does not say this (any more)`,
        )
        assert.notDeepEqual(difference.mosquitto, difference.hawser, `${question}: this is no difference`)
      }
      assert.deepEqual(hawser, expected(mosquitto, known))
    })
  }

  it('is told what stands in many answers', () => assert.ok(everywhereSeen, 'no answer has it any more'))
})

describe('the list of differences', () => {
  it('is about configurations that there are, each with a reason', () => {
    const names = scripts.map(({ name }) => name)
    assert.deepEqual(
      Object.keys(differences).filter((name) => !names.includes(name)),
      [],
    )
    for (const difference of Object.values(differences).flatMap((each) => Object.values(each))) {
      assert.ok(difference.reason.length > 10, JSON.stringify(difference))
    }
  })
})
