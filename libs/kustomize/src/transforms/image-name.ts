import type { Profile } from '../build/step.ts';
import { regexOf, RegexProblem, type Matcher } from '../resources/regex.ts';

/** What becomes of images of one name (api/types/image.go). */
export interface ImageTag {
  readonly name: string;
  readonly newName?: string | undefined;
  readonly newTag?: string | undefined;
  /** Added to the tag that is there. */
  readonly tagSuffix?: string | undefined;
  readonly digest?: string | undefined;
}

/** The name of an image, which kustomize takes for a regular expression, is none. */
export class InvalidImageName extends Error {
  override readonly name = 'InvalidImageName';
}

const characters = '[a-zA-Z0-9_.{}-]*';
const endings: Readonly<Record<Profile, string>> = {
  '5.5': `(:${characters})?(@sha256:${characters})?$`,
  '5.8': `(:${characters})?(@[a-zA-Z0-9]+([.+_-][a-zA-Z0-9]+)*:${characters})?$`,
};

/**
 * Tells whether an image has a name. Kustomize puts the name into a pattern as it is, so that a point stands for any
 * character. What is no pattern fits nothing in 5.8; 5.5 ends at the first image, for which the matcher throws
 * {@link InvalidImageName}.
 */
export function imageMatcher(name: string, profile: Profile): Matcher {
  try {
    return plainMatcher(name, profile) ?? regexOf(`^${name}${endings[profile]}`);
  } catch (error) {
    if (!(error instanceof RegexProblem)) throw error;
    const { message } = error;
    return () => {
      if (profile === '5.5') throw new InvalidImageName(message);
      return false;
    };
  }
}

const tails: Readonly<Record<Profile, RegExp>> = {
  '5.5': new RegExp(`^${endings['5.5']}`),
  '5.8': new RegExp(`^${endings['5.8']}`),
};

/** Names without special characters, nearly all of them, are compared as texts; a point fits all but an end of line. */
function plainMatcher(name: string, profile: Profile): Matcher | undefined {
  if (!/^[\w./:@-]*$/.test(name)) return undefined;
  const tail = tails[profile];
  return (image) => hasName(image, name) && tail.test(image.slice(name.length));
}

function hasName(image: string, name: string): boolean {
  if (!name.includes('.')) return image.startsWith(name);
  if (image.length < name.length) return false;
  for (let at = 0; at < name.length; at += 1) {
    if (name[at] === '.' ? image[at] === '\n' : name[at] !== image[at]) return false;
  }
  return true;
}

/** The image that takes the place of one: a new tag or digest replaces both old ones (filters/imagetag, updater.go). */
export function changedImage(image: string, { newName, newTag, digest, tagSuffix }: ImageTag): string {
  const parts = splitImage(image);
  if (has(newName)) parts.name = newName;
  if (has(newTag) || has(digest)) {
    parts.tag = newTag ?? '';
    parts.digest = digest ?? '';
  } else if (has(tagSuffix)) {
    parts.tag += tagSuffix;
    parts.digest = '';
  }
  const tagged = parts.tag === '' ? parts.name : `${parts.name}:${parts.tag}`;
  return parts.digest === '' ? tagged : `${tagged}@${parts.digest}`;
}

function has(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}

interface ImageParts {
  name: string;
  tag: string;
  digest: string;
}

/** Name, tag and digest; a colon before the first slash belongs to a host (internal/image, Split). */
function splitImage(image: string): ImageParts {
  const slash = Math.max(image.indexOf('/'), 0);
  const at = image.indexOf('@', slash);
  const colon = image.indexOf(':', slash);
  if (at >= 0 && (colon < 0 || at < colon))
    return { name: image.slice(0, at), tag: '', digest: image.slice(at + 1) };
  if (colon < 0) return { name: image, tag: '', digest: '' };
  const name = image.slice(0, colon);
  return at < 0
    ? { name, tag: image.slice(colon + 1), digest: '' }
    : { name, tag: image.slice(colon + 1, at), digest: image.slice(at + 1) };
}
