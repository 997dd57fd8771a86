import type { PinView, RolloutView } from '@meridian/fleet';
import { agoText, oneLine, shortId } from './text.ts';

const mostNames = 8;

/** What keeps a rollout from going where git says, and what to do about it; no line when nothing does. */
export function standingLines(rollout: RolloutView, nowMs: number): string[] {
  const { application, pin, queued } = rollout;
  const next = queued
    ? [
        `next: release ${shortId(queued.release)} (revision ${shortId(queued.revision)}) waits for the end of this one`,
      ]
    : [];
  return [...(pin ? pinLines(application, pin, nowMs) : []), ...next].map(oneLine);
}

function pinLines(application: string, pin: PinView, nowMs: number): string[] {
  const who = pin.author === null ? 'the hub' : pin.author;
  const where = pin.differs.slice(0, mostNames).join(', ');
  const more = pin.differs.length > mostNames ? ` and ${pin.differs.length - mostNames} more` : '';
  const differs = where === '' ? 'in no cluster' : `in ${where}${more}`;
  return [
    `git says release ${shortId(pin.release)} (revision ${shortId(pin.revision)}), which differs ${differs}`,
    `left ${agoText(pin.sinceMs, nowMs)} by ${who}: ${pin.reason}`,
    `it stays so until a newer commit changes the application, or: meridian rollout start ${application} --reason "…"`,
  ];
}
