import { describe, expect, it } from 'vitest';
import { Gate, truncated } from './response-tap.ts';
import type { Sink } from './response-tap.ts';

function recording(): Sink & { text: string; ended: boolean } {
  return {
    text: '',
    ended: false,
    write(chunk) {
      this.text += chunk.toString('utf8');
    },
    end() {
      this.ended = true;
    },
  };
}

describe('an answer that is cut', () => {
  it('lets so many bytes through and then calls back once', () => {
    const below = recording();
    let cuts = 0;
    const sink = truncated(below, 5, () => (cuts += 1));
    sink.write(Buffer.from('abc'));
    sink.write(Buffer.from('defg'));
    sink.write(Buffer.from('hij'));
    sink.end();
    expect(below).toMatchObject({ text: 'abcde', ended: false });
    expect(cuts).toBe(1);
  });

  it('is whole when it is shorter than the cut', () => {
    const below = recording();
    const sink = truncated(below, 5, () => {
      throw new Error('cut');
    });
    sink.write(Buffer.from('abc'));
    sink.end();
    expect(below).toMatchObject({ text: 'abc', ended: true });
  });
});

describe('a gate', () => {
  it('keeps what comes while it is shut, the end too, and passes it on in order', () => {
    const below = recording();
    const gate = new Gate(below, () => undefined);
    gate.write(Buffer.from('a'));
    gate.shut();
    gate.write(Buffer.from('b'));
    gate.write(Buffer.from('c'));
    gate.end();
    expect(below).toMatchObject({ text: 'a', ended: false });
    gate.open();
    expect(below).toMatchObject({ text: 'abc', ended: true });
  });

  it('gives up when it would have to keep too much', () => {
    let given = 0;
    const gate = new Gate(recording(), () => (given += 1));
    gate.shut();
    for (let megabytes = 0; megabytes <= 16; megabytes += 1) gate.write(Buffer.alloc(1024 * 1024));
    expect(given).toBe(1);
  });
});
