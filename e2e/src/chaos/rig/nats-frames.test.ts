import { expect, test } from 'vitest';
import { createRandom } from '../../simulation/random.ts';
import { disorderly } from './nats-frames.ts';

const control = ['INFO {"server_id":"a MSG b 5"}\r\n', 'PING\r\n', 'PONG\r\n', "-ERR 'no'\r\n"];
const message = (at: number) => `MSG subject.${at} 1 ${String(at).length + 2}\r\n\r\n${at}\r\n`;
const headed = (at: number) => `HMSG subject.${at} 1 reply 4 ${String(at).length + 4}\r\n\r\n\r\n${at}\r\n`;
const script = Array.from({ length: 200 }, (_, at) =>
  at % 5 === 0 ? (control[(at / 5) % control.length] ?? '') : at % 2 === 0 ? message(at) : headed(at),
);

/** What comes out when the script goes in, cut anywhere. */
function sent(seed: number): string {
  const random = createRandom(seed);
  const pass = disorderly(random);
  let text = script.join('');
  let out = '';
  while (text !== '') {
    const size = random.whole(1, 300);
    out += pass(Buffer.from(text.slice(0, size))).toString();
    text = text.slice(size);
  }
  // What was kept back comes with whatever comes next.
  for (let count = 0; count < 20; count += 1) out += pass(Buffer.from('PING\r\n')).toString();
  return out;
}

test('every message comes at least once and whole, some twice, some in another order, and all else stays as it is', () => {
  const outs = Array.from({ length: 20 }, (_, seed) => sent(seed));
  for (const out of outs) {
    for (const frame of script) expect(out).toContain(frame);
    const frames = script
      .filter((frame) => /^H?MSG/.test(frame))
      .sort((left, right) => right.length - left.length);
    const others = frames.reduce((text, frame) => text.replaceAll(frame, ''), out);
    expect(others.replaceAll('PING\r\n', '')).toBe(
      script.filter((frame) => !frames.includes(frame) && frame !== 'PING\r\n').join(''),
    );
  }
  const times = (out: string, frame: string) => out.split(frame).length - 1;
  expect(outs.some((out) => script.some((frame) => frame.includes('MSG sub') && times(out, frame) > 1))).toBe(
    true,
  );
  const places = (out: string) => [message(2), headed(3), message(4)].map((frame) => out.indexOf(frame));
  expect(outs.some((out) => places(out).some((place, at, all) => place < (all[at - 1] ?? -1)))).toBe(true);
});
