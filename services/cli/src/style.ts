import { styleText } from 'node:util';
import type { Io } from './io.ts';

/** How a word is meant; `plain` is left as it is. */
export type Tone = 'good' | 'busy' | 'bad' | 'dim' | 'strong' | 'plain';

/** Paints text by meaning. On anything but a colour terminal it gives the text back unchanged. */
export type Paint = (tone: Tone, text: string) => string;

const formats: { readonly [tone in Exclude<Tone, 'plain'>]: Parameters<typeof styleText>[0] } = {
  good: 'green',
  busy: 'yellow',
  bad: 'red',
  dim: 'dim',
  strong: 'bold',
};

/** Colour on terminals only, and never with NO_COLOR set (https://no-color.org), TERM=dumb or `--no-color`. */
export function createPaint(io: Io, wanted: boolean): Paint {
  const noColor = io.env['NO_COLOR'];
  const coloured =
    wanted &&
    io.stdout.isTTY === true &&
    (noColor === undefined || noColor === '') &&
    io.env['TERM'] !== 'dumb';
  if (!coloured) return (_tone, text) => text;
  return (tone, text) =>
    tone === 'plain' ? text : styleText(formats[tone], text, { validateStream: false });
}
