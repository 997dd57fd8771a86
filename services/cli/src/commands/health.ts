import { parseHealthRules } from '@meridian/fleet';
import type { Health, HealthRule } from '@meridian/fleet';
import { kstatusOf } from '@meridian/health';
import type { KstatusWord, Verdict } from '@meridian/health';
import type { KubeObject, LocatedObject, ManifestError } from '@meridian/manifests';
import { parseLiveObjects } from '@meridian/manifests';
import { healthRuleIssues, HealthRules } from '@meridian/policy';
import { CliError, exitCodes } from '../cli-error.ts';
import type { Command, CommandContext } from '../command.ts';
import { readInputs } from '../live-files.ts';
import type { Io } from '../io.ts';
import type { Tone } from '../style.ts';
import { tell } from '../told.ts';

/** What `meridian health` is told: files, directories, or `-` for what is piped in. */
export interface HealthParameters {
  readonly files: readonly string[];
  /** Files or directories with `HealthRule` documents. */
  readonly rules: readonly string[];
  /** Whether an object that is Degraded, Missing or Unknown fails the command. */
  readonly check: boolean;
}

/** One object as it is answered to machines; the fields are promised in docs/health.md. */
interface Judged {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly status: Health;
  readonly kstatus: KstatusWord;
  readonly reason: string;
}

/**
 * `meridian health -f FILE`: how each object of the files is, by its status in them. Exit 1 when a file cannot be read, and
 * nothing is on stdout then; with `check` also when an object is Degraded, Missing or Unknown.
 */
export const health: Command<HealthParameters> = async (context, { files, rules: ruleFiles, check }) => {
  const { io, printer } = context;
  const errors: ManifestError[] = [];
  const judge = await judgeBy(ruleFiles, { io, errors });
  const inputs = await readInputs(files, io);
  const objects: LocatedObject[] = [];
  for (const { name, text } of inputs) {
    const read = parseLiveObjects(text, name);
    if ('errors' in read) errors.push(...read.errors);
    else objects.push(...read.objects);
  }
  if (errors.length > 0) return refuse(context, errors);
  const nowMs = io.nowMs();
  const judged = objects.map(({ object }) => judgedOf(object, judge.judge(object, nowMs), nowMs));
  if (!(await printer.machine(judged))) draw(context, judged);
  return check && judged.some(({ status }) => bad.has(status)) ? exitCodes.failed : exitCodes.ok;
};

const bad: ReadonlySet<Health> = new Set<Health>(['Degraded', 'Missing', 'Unknown']);

function refuse(context: CommandContext, errors: readonly ManifestError[]): number {
  for (const told of errors.slice(0, 50))
    tell(context, 'error', { told, root: told.file === 'stdin' ? context.io.cwd : '/' });
  return exitCodes.failed;
}

/** Our rules, and before them those that are given; what is wrong with these is told with the rest. */
async function judgeBy(
  files: readonly string[],
  { io, errors }: { readonly io: Io; readonly errors: ManifestError[] },
): Promise<HealthRules> {
  const rules: HealthRule[] = [];
  for (const { name, text } of await readInputs(files, io)) {
    const read = parseHealthRules(text, name, healthRuleIssues);
    if (read.ok) rules.push(...read.rules);
    else errors.push(...read.problems);
  }
  return new HealthRules(rules);
}

function judgedOf(object: KubeObject, { health: status, reason }: Verdict, nowMs: number): Judged {
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name,
    status,
    kstatus: kstatusOf(object, nowMs).status,
    reason,
  };
}

const tones: { readonly [status in Health]: Tone } = {
  Healthy: 'good',
  Progressing: 'busy',
  Suspended: 'dim',
  Degraded: 'bad',
  Missing: 'bad',
  Unknown: 'bad',
};

function draw({ printer }: CommandContext, judged: readonly Judged[]): void {
  if (judged.length === 0) throw new CliError(exitCodes.failed, 'there is no object in what was given');
  printer.table({
    header: ['object', 'health', 'kstatus', 'reason'],
    rows: judged.map(({ kind, namespace, name, status, kstatus, reason }) => [
      `${kind} ${namespace ? `${namespace}/` : ''}${name}`,
      { text: status, tone: tones[status] },
      kstatus,
      reason,
    ]),
  });
}
