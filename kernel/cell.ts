export class Cell {}
