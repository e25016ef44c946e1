//! stub
use jiff::Timestamp;
use crate::{Evidence, Finding, ObjectRef, ToolOutput};
/// x
#[derive(Debug, Default)]
pub struct Sentences(String);
impl Sentences {
    /// x
    pub fn push(&mut self, text: &str) -> Vec<String> { self.0.push_str(text); let mut out=vec![]; while let Some(i)=self.0.find(". ").or_else(|| self.0.find('\n')) { let rest=self.0.split_off(i+1); out.push(std::mem::replace(&mut self.0, rest)); } out }
    /// x
    pub fn finish(&mut self) -> Option<String> { let s=std::mem::take(&mut self.0); (!s.trim().is_empty()).then_some(s) }
}
/// x
#[derive(Debug)]
pub enum Ruling { /// x
 Supported, /// x
 Unsupported { /// x
 what: Vec<String> } }
/// x
#[derive(Debug, Default)]
pub struct Ledger;
impl Ledger {
    /// x
    pub fn new(_now: Timestamp) -> Self { Self }
    /// x
    pub fn question(&mut self, _t: &str) {}
    /// x
    pub fn text(&mut self, _t: &str) {}
    /// x
    pub fn finding(&mut self, _t: &Finding) {}
    /// x
    pub fn output(&mut self, _t: &ToolOutput) {}
    /// x
    pub fn evidence(&mut self, _t: &Evidence) {}
    /// x
    pub fn name(&mut self, _t: &ObjectRef) {}
    /// x
    pub fn check(&self, _t: &str) -> Ruling { Ruling::Supported }
}
