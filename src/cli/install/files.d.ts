// Files that are built into the executable as text (import ... with { type: "text" }).
declare module "*.service" {
  const text: string;
  export default text;
}
declare module "*.openrc" {
  const text: string;
  export default text;
}
declare module "*.procd" {
  const text: string;
  export default text;
}
declare module "*.runit-run" {
  const text: string;
  export default text;
}
declare module "*.runit-finish" {
  const text: string;
  export default text;
}
declare module "*.conf" {
  const text: string;
  export default text;
}
