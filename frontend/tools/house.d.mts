export interface House {
  readonly url: string;
  setServer(open: boolean): void;
  stop(): Promise<void>;
}
export function startHouse(): Promise<House>;
export function signIn(url: string, username: string, password: string): Promise<object>;
