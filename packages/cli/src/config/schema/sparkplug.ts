/** A host of Sparkplug: it decodes what edge nodes publish. */
import { sparkplugDefaults as defaults } from '@hawser/connect/sparkplug/defaults'
import * as z from 'zod'
import { brokerUrl, login, loginWhole, tls } from './connection.ts'
import { reader } from './reader.ts'
import { positive, setting, text } from './setting.ts'

export const sparkplugConnector = z
  .strictObject({
    kind: z.literal('sparkplug'),
    ...reader,
    filters: setting(z.array(text).min(1), defaults.filters, 'topic filters of what it takes'),
    url: brokerUrl.meta({ description: 'of the broker that it publishes to: this one, as a rule' }),
    ...login,
    host_id: setting(
      z.string().regex(/^[^/+#]+$/, 'it is one level of a topic'),
      undefined,
      'under which it tells edge nodes that it is there; none: it tells nobody',
    ),
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a place of the template
    topic: setting(text, defaults.topic, 'template of what is decoded; with ${metric} one message for each metric'),
    retain: setting(z.boolean(), defaults.retain, 'what is decoded is retained'),
    rebirth_seconds: setting(positive, defaults.rebirthSeconds, 'before a node that does not answer is asked again'),
    nodes_max: setting(positive, defaults.nodesMax, 'edge nodes that it knows at a time'),
    tls: tls.optional().meta({ description: 'for mqtts: whom it trusts, who it is' }),
  })
  .refine(...loginWhole)
  .meta({ description: 'Sparkplug B decoded, and its host: docs/sparkplug.md' })
