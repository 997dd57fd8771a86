import { InvalidArgumentError, Option, type Command as Program } from 'commander';
import type { Run } from './command.ts';

/** Registers the commands that show what an application is rendered to. */
export function addRendered(program: Program, run: Run): void {
  program
    .command('render <application>')
    .description(
      'the manifests of an application for one cluster, as YAML; values of Secrets are masked; policies are not asked, so that ' +
        'what one denies can be looked at ("meridian plan" asks them)',
    )
    .requiredOption('--cluster <name>', 'the cluster to render for')
    .addOption(revisionOption())
    .action((application: string, options: Rendered) =>
      run(async () => (await import('./commands/render.ts')).render, { application, ...options }),
    );
  program
    .command('explain <application> <object> [field]')
    .description(
      'which file and which transformer set a field, and what it was before; all fields unless one is named',
    )
    .requiredOption('--cluster <name>', 'the cluster to render for')
    .addOption(revisionOption())
    .addHelpText(
      'after',
      '\nobject: deployment/web, deployment.apps/web or NAMESPACE/deployment/web' +
        '\nfield:  .spec.replicas, ".spec.template.spec.containers[name=server].image", ".spec.args[0]"',
    )
    .action((application: string, object: string, field: string | undefined, options: Rendered) =>
      run(async () => (await import('./commands/explain.ts')).explain, {
        application,
        object,
        field,
        ...options,
      }),
    );
}

interface Rendered {
  readonly cluster: string;
  readonly revision?: string;
}

function revisionOption(): Option {
  return new Option(
    '--revision <commit>',
    'at this commit instead of the newest: its id, or the first 7 digits of it or more',
  ).argParser(commitId);
}

/** Hubs render commits only: a branch may have moved since the person looked at it. */
function commitId(text: string): string {
  const id = text.toLowerCase();
  if (/^[0-9a-f]{7,64}$/.test(id)) return id;
  throw new InvalidArgumentError(
    'It must be a commit id of 7 hex digits or more; for a branch or a tag "git rev-parse NAME" gives it.',
  );
}
