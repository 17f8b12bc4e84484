/** Options of plugins: shared objects that Mosquitto loads into itself, and nobody else can. */
import { boolean, harmless, type Option, refused, text, unread, word } from './option.ts'

const plugin = refused(
  'a plugin of Mosquitto is compiled code for Mosquitto alone, and without it nobody would be asked',
  'say the same by password_file and acl_file, or by auth: of our own configuration',
)

export const pluginOptions: readonly Option[] = [
  {
    name: 'plugin',
    aliases: ['auth_plugin'],
    argument: text,
    scope: 'security',
    since: '2.0',
    verdict: plugin,
    again: 'adds',
  },
  { name: 'global_plugin', argument: text, scope: 'global', since: '2.1', verdict: plugin, again: 'adds' },
  { name: 'plugin_load', argument: text, scope: 'global', since: '2.1', verdict: plugin, again: 'adds' },
  { name: 'plugin_use', argument: word(), scope: 'listener', since: '2.1', verdict: plugin, again: 'adds' },
  {
    name: 'plugin_opt_',
    aliases: ['auth_opt_'],
    prefix: true,
    argument: unread,
    scope: 'plugin',
    since: '2.0',
    verdict: plugin,
    again: 'adds',
    secret: true,
  },
  {
    name: 'auth_plugin_deny_special_chars',
    argument: boolean,
    scope: 'plugin',
    since: '2.0',
    verdict: refused('it narrows what a plugin may be asked, and there is no plugin', 'take it out'),
  },
  {
    name: 'enable_control_api',
    argument: boolean,
    scope: 'global',
    since: '2.1',
    verdict: refused('there are no $CONTROL topics', 'take it out; REST under /api/v1 is our control'),
    except: [{ values: [false], verdict: harmless('there are no $CONTROL topics to turn off') }],
  },
]
