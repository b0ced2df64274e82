"""prototype"""
from __future__ import annotations
from collections.abc import Sequence
from dataclasses import dataclass
import math
import torch
from torch import nn, Tensor
from omnibind_core.models.evidence import EVIDENCE, SET_EVIDENCE, evidence

@dataclass(frozen=True)
class Fused:
    logits: Tensor; weights: Tensor; sensor_logits: Tensor; fused: Tensor; members: Tensor

class AdaptiveFusion(nn.Module):
    def __init__(self, *, modalities: Sequence[str], dimension, temperatures, members=6, hidden=24, embedding=4, blend_hidden=16, kin=0.5):
        super().__init__()
        self.modalities=tuple(modalities); M=len(modalities); K=members; F=len(EVIDENCE)
        t=list(temperatures); t.append(math.exp(sum(map(math.log,t))/M))
        self.log_temperature=nn.Parameter(torch.log(torch.tensor(t)))
        self.kin=kin; self.K=K; self.H=hidden; self.BH=blend_hidden
        self.register_buffer('probe',torch.zeros(M+1,dimension)); self.register_buffer('probe_bias',torch.zeros(M+1))
        self.register_buffer('mean',torch.zeros(F)); self.register_buffer('std',torch.ones(F))
        self.register_buffer('set_mean',torch.zeros(len(SET_EVIDENCE))); self.register_buffer('set_std',torch.ones(len(SET_EVIDENCE)))
        self.kind=nn.Parameter(torch.randn(M+1,embedding*1)*0.5)
        with torch.no_grad(): self.kind[M]=0
        self.inner=nn.Linear(F+embedding,K*hidden)
        self.outer=nn.Parameter(torch.zeros(K,hidden,2)); self.offset=nn.Parameter(torch.zeros(M+1,K,2))
        self.blend_inner=nn.Linear(len(SET_EVIDENCE),K*blend_hidden); self.blend_outer=nn.Parameter(torch.zeros(K,blend_hidden,2)); self.blend_offset=nn.Parameter(torch.zeros(K,2))
        self.register_buffer('sharpness',torch.ones(()))
    def full(self,tokens,modality,mask,age,labels):
        M=len(self.modalities)
        here=mask.to(tokens.dtype)
        h=torch.where(mask[...,None],tokens,torch.zeros_like(tokens)); age=torch.where(mask,age,torch.zeros_like(age)).clamp(min=0)
        kind=torch.where(mask&(modality>=0)&(modality<M),modality,torch.full_like(modality,M))
        tau=torch.exp(self.log_temperature)[kind]
        cos=h@labels.T
        z=cos/tau[...,None]; p=torch.softmax(z,-1)
        alike=(kind[:,:,None]==kind[:,None,:]).to(h.dtype)*here[:,:,None]*here[:,None,:]
        say=1/(1+(alike.sum(-1).clamp(min=1)-1)*self.kin)*here
        health=(h*self.probe[kind]).sum(-1)+self.probe_bias[kind]
        ev=evidence(vectors=h,logits=z,posteriors=p,say=say,alike=alike,present=here,age=age,health=health,temperature=tau)
        self.ev=ev
        x=torch.cat(((ev.tokens-self.mean)/self.std,self.kind[kind]),-1)
        y=torch.tanh(self.inner(x)).unflatten(-1,(self.K,self.H))
        out=(y[...,None]*self.outer).sum(-2)+self.offset[kind]      # b n K 2
        delta=3*torch.tanh(out[...,0]/3); score=4*torch.tanh(out[...,1]/4)
        gate=(say/tau)[...,None]*torch.exp(delta)*here[...,None]
        w=torch.exp(score)*say[...,None]; w=w/w.sum(1,keepdim=True).clamp(min=1e-9)
        s=torch.tanh(self.blend_inner((ev.whole-self.set_mean)/self.set_std)).unflatten(-1,(self.K,self.BH))
        bl=(s[...,None]*self.blend_outer).sum(-2)+self.blend_offset
        l1=torch.exp(2*torch.tanh(bl[...,0]/2)); l2=bl[...,1].clamp(min=0)
        self.l=(l1,l2)
        eff=gate*l1[:,None]
        product=eff.transpose(1,2)@cos  # b K c
        mix=torch.log(w.transpose(1,2)@p+1e-9)*here.amax(-1)[:,None,None]
        members=(product+l2[...,None]*mix)*self.sharpness
        logits=members.mean(1)
        return Fused(logits,eff.mean(-1),z,h.sum(1),members)
    def forward(self,*a):
        f=self.full(*a); return f.logits,f.weights,f.sensor_logits,f.fused
