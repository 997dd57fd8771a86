import type { MergeSchema } from '../merge/schema.ts';
import type { Building } from './building.ts';
import type { Loader } from './loader.ts';
import type { Place, Profile, Step } from './step.ts';

/**
 * What a generator or a transformer of a target may use. A class, since every build makes one for each step, and an object
 * with getters of its own takes many times as long to make.
 */
export class TargetStep implements Step {
  readonly place: Place;
  readonly profile: Profile;
  readonly readText: Step['readText'];
  readonly readContent: Step['readContent'];
  readonly visit: Step['visit'];
  readonly look: Step['look'];
  readonly warn: Step['warn'];
  readonly #building: Building;

  constructor(building: Building, loader: Loader, place: Place) {
    this.#building = building;
    this.place = place;
    this.profile = building.profile;
    const noteRead = (path: string): void => {
      building.countFile(place);
      building.provenance?.noteRead(place, loader.resolve(path, place));
    };
    this.readText = (path) => {
      noteRead(path);
      return loader.text(path, place);
    };
    this.readContent = (path) => {
      noteRead(path);
      return loader.content(path, place);
    };
    this.visit = (objects) => building.visit(objects, place);
    this.look = (fields) => building.look(fields, place);
    this.warn = (warning) => building.warn(warning);
  }

  get schema(): MergeSchema {
    return this.#building.mergeSchema();
  }

  get isPart(): boolean {
    return this.#building.isPart;
  }
}
