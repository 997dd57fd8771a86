import { FaultError } from '@meridian/runtime';

/** Refuses a repository URL that git could take for an option or for a command to run. Throws FaultError `invalid`. */
export function checkUrl(url: string): string {
  const bad = url === '' || url.startsWith('-') || /^[a-z0-9+.-]+::/i.test(url) || hasControl(url);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase();
  const foreign = scheme !== undefined && !['file', 'https', 'ssh'].includes(scheme);
  if (bad || foreign) {
    throw new FaultError(
      'invalid',
      `repository URL ${JSON.stringify(url.slice(0, 200))} is refused: use a path, file://, https:// or ssh://`,
      {
        retry: 'never',
      },
    );
  }
  return url;
}

/** How git reaches a repository. */
export type Transport = 'file' | 'https' | 'ssh';

/** The transport of a URL that {@link checkUrl} accepts. */
export function transportOf(url: string): Transport {
  const scheme = /^(file|https|ssh):\/\//i.exec(url)?.[1]?.toLowerCase();
  if (scheme === 'file' || scheme === 'https') return scheme;
  // `host:path` is ssh, unless a slash comes before the colon.
  return scheme === 'ssh' || /^[^/]*:/.test(url) ? 'ssh' : 'file';
}

/** Refuses a branch name that `git check-ref-format` would refuse or that looks like an option. Throws FaultError `invalid`. */
export function checkBranch(branch: string): string {
  const bad =
    branch === '' ||
    branch.length > 200 ||
    /^[-/.]|[/.]$|\.\.|\/\/|@\{|[\s~^:?*[\\]|\.lock$/.test(branch) ||
    hasControl(branch);
  if (bad)
    throw new FaultError('invalid', `branch name ${JSON.stringify(branch.slice(0, 200))} is refused`, {
      retry: 'never',
    });
  return branch;
}

/** Refuses anything but a full commit id. Throws FaultError `invalid`. */
export function checkCommit(id: string): string {
  if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(id)) {
    throw new FaultError('invalid', `${JSON.stringify(id.slice(0, 80))} is not a full commit id`, {
      retry: 'never',
    });
  }
  return id;
}

function hasControl(text: string): boolean {
  for (const character of text) if (character < ' ' || character === '\u007f') return true;
  return false;
}
