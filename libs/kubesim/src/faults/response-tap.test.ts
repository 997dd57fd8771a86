import { describe, expect, it, vi } from 'vitest';
import { Gate, slowed, truncated } from './response-tap.ts';
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

describe('an answer at a pace', () => {
  it('is passed on in order, so many bytes a step, without a copy of what waits', () => {
    vi.useFakeTimers();
    const copies = vi.spyOn(Buffer, 'concat');
    try {
      const below = recording();
      const sink = slowed(below, 30, { signal: new AbortController().signal, onTooMuch: () => undefined });
      for (const text of ['ab', 'c', 'defgh']) sink.write(Buffer.from(text));
      sink.end();
      vi.advanceTimersByTime(100);
      expect(below).toMatchObject({ text: 'abc', ended: false });
      vi.advanceTimersByTime(100);
      expect(below).toMatchObject({ text: 'abcdef', ended: false });
      vi.advanceTimersByTime(100);
      expect(below).toMatchObject({ text: 'abcdefgh', ended: true });
      expect(copies).not.toHaveBeenCalled();
    } finally {
      vi.restoreAllMocks();
      vi.useRealTimers();
    }
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
