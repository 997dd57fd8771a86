import type { Dice } from '../../kube/dice.ts';

/** Scalars that readers of YAML understand differently, as they stand in a file. */
const oddScalars = [
  '0777',
  '0o17',
  '0b101',
  '0x1F',
  '1_000',
  '08',
  '1e3',
  '1.0',
  '-0',
  '.5',
  '+1',
  '1.50',
  '1e-7',
  '12345678901234567890',
  '9007199254740993',
  '1:30',
  '2001-01-01',
  '2001-12-14t21:59:43.10-05:00',
  'yes',
  'No',
  'on',
  'y',
  'true',
  'False',
  '"true"',
  "'1'",
  '"0777"',
  '"null"',
  '~',
  'null',
  '""',
  "''",
  '"a: b"',
  "'it''s'",
  '"tab\\tand \\u00e9"',
  '"\\U0001F600"',
  'ünï',
  'a#b',
  '"# no comment"',
  '"- dash"',
  '" lead"',
  '"trail "',
  '"=" ',
  '!!str 5',
  '"*star"',
  '"&and"',
  '"%percent"',
  '"@at"',
  '{}',
  '[]',
  '"two\\nlines"',
  '"two\\nlines\\n"',
  '"\\n"',
  '|\n  kept\n   deeper\n',
  '|-\nlast line\n\nafter a gap',
  '>-\nfolded\nline',
  '"a long text that goes on and on beyond eighty columns, with words that a writer may fold: yes, it may fold them"',
  'a plain text that goes on and on beyond eighty columns, with words that a writer may fold or may leave',
  '$(NAME)',
  '"$(OTHER) and $$(NAME)"',
] as const;

/** A scalar for a field that takes any text. */
export function oddScalar(dice: Dice): string {
  return dice.pick(oddScalars);
}

/** A text on one line that needs no quotes, now and then an odd one in its place. */
export function valueScalar(dice: Dice): string {
  return dice.chance(0.25)
    ? oddScalar(dice)
    : dice.pick(['one', 'two', 'slow', 'https://x.example/y?z=1', '5', '"5"']);
}

/** Names are few, so that objects, references and patches meet. */
export const names = ['web', 'db', 'web-2', 'settings'] as const;

/** Namespaces are few too; most objects name none. */
export const namespaces = ['prod', 'default', 'team-a'] as const;

/** A scalar for a field that must be a text: seldom one that is none. */
export function labelScalar(dice: Dice): string {
  return dice.chance(0.02) ? oddScalar(dice) : dice.pick(['x', 'web', '"1"', '"true"', "''", 'a.b-c_d']);
}
