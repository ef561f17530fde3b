import { startPage } from '../../shared/start_page';
import { ProgramPage } from './program_page';

void startPage({ en: () => import('locale:program/en'), ja: () => import('locale:program/ja') }, ProgramPage);
