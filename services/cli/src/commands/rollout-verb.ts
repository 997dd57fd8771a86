import type { RolloutVerb, RolloutView } from '@meridian/fleet';
import { CliError, exitCodes } from '../cli-error.ts';
import type { Command } from '../command.ts';
import { isApplication, isObject } from '../shapes.ts';
import { oneLine, shortId } from '../text.ts';

/** What a verb takes. */
export interface VerbOptions {
  readonly verb: RolloutVerb;
  readonly application: string;
  readonly reason: string;
  /** Of a rollback: a release or a revision that is kept, or the start of one. */
  readonly to?: string;
  /** Of approve and reject: the name of the gate. */
  readonly gate?: string;
}

const done: { readonly [verb in RolloutVerb]: string } = {
  start: 'started',
  pause: 'paused',
  resume: 'resumed',
  abort: 'aborted',
  promote: 'promoted',
  breakGlass: 'broke the glass for',
  retry: 'retrying',
  rollback: 'going back from',
  approve: 'approved',
  reject: 'rejected',
};

/**
 * `meridian rollout VERB APP --reason TEXT`: asks it of the rollout as it is seen now. The hub refuses with the reason when
 * the rollout has moved on meanwhile, or when it makes no sense.
 */
export const rolloutVerb: Command<VerbOptions> = async ({ client, printer }, options) => {
  const { verb, application, reason } = options;
  const api = client();
  const path = `/v1/applications/${encodeURIComponent(application)}`;
  const { rollout } = await api.get(path, isApplication);
  if (rollout === null)
    throw new CliError(exitCodes.failed, `${application} has no rollout yet`, 'see "meridian status"');
  const release = verb === 'start' ? (rollout.pin?.release ?? rollout.release) : rollout.release;
  const to = options.to === undefined ? {} : { to: keptRelease(rollout, options.to) };
  const gate = options.gate === undefined ? {} : { gate: options.gate };
  const asked = { release, reason, ...to, ...gate };
  const answer = await api.post(`${path}/rollout/${verb}`, asked, isObject);
  if (await printer.machine({ application, verb, ...asked, ...answer })) return exitCodes.ok;
  const said = typeof answer['reason'] === 'string' ? `: ${oneLine(answer['reason'])}` : '';
  printer.line(`${done[verb]} release ${shortId(release)} of ${application}${said}`);
  printer.line(`  follow it with: meridian rollout watch ${application}`);
  return exitCodes.ok;
};

function keptRelease({ application, kept = [] }: RolloutView, wanted: string): string {
  const found = kept.filter(
    ({ release, revision }) =>
      release.startsWith(wanted) || release.startsWith(`sha256:${wanted}`) || revision.startsWith(wanted),
  );
  const [one] = found;
  if (one && found.length === 1) return one.release;
  const list = kept.map(({ release, revision }) => `${shortId(release)} (revision ${shortId(revision)})`);
  throw new CliError(
    exitCodes.failed,
    `${found.length === 0 ? 'no' : 'more than one'} release of ${application} that completed and is kept starts with ${wanted}`,
    list.length === 0 ? 'none has completed yet' : `one of: ${list.join(', ')}`,
  );
}
